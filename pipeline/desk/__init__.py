"""Answer what the desk asks: is a form right, who has sent, whom to call, how points came about."""
