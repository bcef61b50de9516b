@echo off
"%SystemRoot%\System32\chcp.com" 65001 >nul
setlocal
rem Programs are called by their full paths: a py.bat that lies beside this file is not run.
set "NoDefaultCurrentDirectoryInExePath=1"
pushd "%~dp0"
set "FOUND="
for %%V in (@PYTHONS@) do for %%L in ("%SystemRoot%\py.exe" "%LocalAppData%\Programs\Python\Launcher\py.exe") do if not defined FOUND if exist %%L %%L -%%V -c "" >nul 2>nul && set FOUND=%%L -%%V
for /f "delims=" %%P in ('%SystemRoot%\System32\where.exe $PATH:python.exe 2^>nul') do if not defined FOUND "%%P" -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set FOUND="%%P"
if defined FOUND %FOUND% "%~dp0program\start.py" %*
set "STATUS=%ERRORLEVEL%"
if not defined FOUND set "STATUS=1"
if not defined FOUND echo 没有找到 Python。请安装 Python @OR@ 中的一种，见 先读我.txt。
popd
pause
exit /b %STATUS%
