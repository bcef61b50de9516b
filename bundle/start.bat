@echo off
chcp 65001 >nul
setlocal
pushd "%~dp0"
set "FOUND="
for %%V in (@PYTHONS@) do if not defined FOUND py -%%V -c "" >nul 2>nul && set "FOUND=py -%%V"
if not defined FOUND python -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "FOUND=python"
if defined FOUND %FOUND% program\start.py %*
set "STATUS=%ERRORLEVEL%"
if not defined FOUND set "STATUS=1"
if not defined FOUND echo 没有找到 Python。请安装 Python @OR@ 中的一种，见 先读我.txt。
popd
pause
exit /b %STATUS%
