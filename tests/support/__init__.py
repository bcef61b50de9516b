"""What tests share: filed returns, made workbooks, hostile files, LibreOffice, Chromium."""
