#!/bin/sh
# 评价：evaluates the folder 收件夹 into 结果. With arguments: the command jixiao.
cd "$(dirname "$0")" || exit 1
found=
for version in @PYTHONS@; do
    if [ -z "$found" ] && "python$version" -c '' >/dev/null 2>&1; then found="python$version"; fi
done
for python in python3 python; do
    if [ -z "$found" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        found=$python
    fi
done
if [ -n "$found" ]; then
    "$found" program/start.py "$@"
    status=$?
else
    echo '没有找到 Python。请安装 Python @OR@ 中的一种，见 先读我.txt。' >&2
    status=1
fi
# Started by a double click, the window would close before anything can be read.
if [ -t 0 ] && [ $# -eq 0 ]; then
    printf '按回车键结束……'
    read -r _
fi
exit $status
