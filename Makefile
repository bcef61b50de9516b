# Everything that is done with this project. The environment in .venv is made when first needed, from the lock
# files, and made again only when they change; nothing else here uses the network.
# Tools run as `python -m`, not by their scripts: a folder that was moved or copied keeps working.

INBOX  = inbox
OUTPUT = output
YEAR   =
JOBS   =
PRIOR  =
ROSTER =
POLICY =
LISTS  =
CALLS  =
POLL   =
COUNT  =
SEED   =
SIZE   = full
PLATFORMS =
PYTHONS =
EMBED  =
TEMPLATE =
DEPARTMENT =
FILE   =
HOST   =
PORT   =
LOCKFLAGS =
INTERPRETER =
# Recipes take these from the environment, as they were typed: a path may hold spaces, quotes and dollar signs, and nothing
# of it is read by make or the shell.
GIVEN = INBOX OUTPUT YEAR JOBS PRIOR ROSTER POLICY LISTS CALLS POLL COUNT SEED SIZE PLATFORMS PYTHONS EMBED TEMPLATE DEPARTMENT FILE HOST \
	PORT LOCKFLAGS INTERPRETER
$(foreach name,$(GIVEN),$(eval override export $(name) := $$(value $(name))))
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first interpreter that is new enough and can make an environment (Debian packs ensurepip separately).
PYTHON = $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
RUN = .venv/bin/python -m

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.PHONY: help evaluate watch status templates forms report explain check-form serve import counties demo docs bundle check test coverage test-slow test-on bench lint format lock audit clean distclean

help: ## 显示本说明
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

# What evaluate, watch and counties take alike.
EVALUATION = "$$INBOX" -o "$$OUTPUT" $${YEAR:+--year "$$YEAR"} $${JOBS:+--jobs "$$JOBS"} \
	$${PRIOR:+--prior "$$PRIOR"} $${ROSTER:+--roster "$$ROSTER"} $${POLICY:+--policy "$$POLICY"} $${LISTS:+--lists "$$LISTS"}

evaluate: .venv/.runtime ## 评价全部部门，可加 INBOX=收件夹 OUTPUT=结果夹 YEAR=年度 JOBS=进程数 PRIOR=上年结果 ROSTER=部门名册 POLICY=评分办法 LISTS=名单夹
	@$(RUN) pipeline evaluate $(EVALUATION)

watch: .venv/.runtime ## 守着收件夹，有报表送到就重新评价，可加项同 evaluate；收件夹在网络共享上时加 POLL=1
	@$(RUN) pipeline watch $(EVALUATION) $${POLL:+--poll}

status: .venv/.runtime ## 列出已报、有错、未报的部门，写出电话名单，可加 INBOX OUTPUT YEAR ROSTER LISTS CALLS=名单.xlsx
	@$(RUN) pipeline status "$$INBOX" -o "$$OUTPUT" $${YEAR:+--year "$$YEAR"} $${ROSTER:+--roster "$$ROSTER"} \
		$${LISTS:+--lists "$$LISTS"} $${CALLS:+--calls "$$CALLS"}

templates: .venv/.runtime ## 生成空白填报表、评分办法等（input_templates/），可加 YEAR POLICY，ROSTER=部门名册 PRIOR=上年结果 为每个部门生成一份
	@$(RUN) pipeline templates $${YEAR:+--year "$$YEAR"} $${POLICY:+--policy "$$POLICY"} $${LISTS:+--lists "$$LISTS"} $${ROSTER:+--roster "$$ROSTER"} $${PRIOR:+--prior "$$PRIOR"}

forms: .venv/.runtime ## 生成填报表对照（input_templates/），填好后加 FILE=填报表对照.xlsx 放进收件夹，可加 INBOX LISTS
	@if test -n "$$FILE"; then $(RUN) pipeline forms --take "$$FILE" --lists "$${LISTS:-$$INBOX}"; else $(RUN) pipeline forms --new; fi

report: .venv/.runtime ## 写全县通报（Word），可加 DEPARTMENT=部门 写其自评报告，TEMPLATE=模板 OUTPUT=结果夹 YEAR=年度
	@$(RUN) pipeline report $${DEPARTMENT:+"$$DEPARTMENT"} -o "$$OUTPUT" $${YEAR:+--year "$$YEAR"} \
		$${TEMPLATE:+--template "$$TEMPLATE"}

# What a command cannot do without: the variable, and how it is typed.
NEEDED = test -n "$$$(1)" || { echo '请写明 $(1)=，例如 $(2)' >&2; exit 2; }

explain: .venv/.runtime ## 说明一个部门的每一分怎样得来，DEPARTMENT=部门，可加 OUTPUT=结果夹 YEAR=年度
	@$(call NEEDED,DEPARTMENT,make explain DEPARTMENT=县水利局)
	@$(RUN) pipeline explain "$$DEPARTMENT" -o "$$OUTPUT" $${YEAR:+--year "$$YEAR"}

check-form: .venv/.runtime ## 报送前检查一份报表，FILE=某某局.xlsx，可加 YEAR=年度
	@$(call NEEDED,FILE,make check-form FILE=某某局.xlsx)
	@$(RUN) pipeline check "$$FILE" $${YEAR:+--year "$$YEAR"} $${POLICY:+--policy "$$POLICY"} $${LISTS:+--lists "$$LISTS"}

serve: .venv/.runtime ## 在浏览器里检查报表、查看全县情况，可加 OUTPUT=结果夹 YEAR=年度 HOST=本机地址 PORT=端口
	@$(RUN) pipeline serve -o "$$OUTPUT" $${YEAR:+--year "$$YEAR"} $${POLICY:+--policy "$$POLICY"} $${LISTS:+--lists "$$LISTS"} $${HOST:+--host "$$HOST"} $${PORT:+--port "$$PORT"}

import: .venv/.runtime ## 把 Word 报告里的附件填入填报表（imported/），FILE=报告.docx，可加 YEAR=年度
	@$(call NEEDED,FILE,make import FILE=报告.docx)
	@$(RUN) pipeline import "$$FILE" $${YEAR:+--year "$$YEAR"} $${POLICY:+--policy "$$POLICY"} $${LISTS:+--lists "$$LISTS"}

counties: .venv/.runtime ## 评价几个县，INBOX=全市 里每个县一个文件夹，另写各县汇总，可加项同 evaluate（ROSTER 除外）
	@$(RUN) pipeline evaluate $(EVALUATION) --counties

demo: .venv/.runtime ## 生成一个虚构的县并评价，供试用（demo/），可加 YEAR=年度 COUNT=部门数 SEED=种子
	@$(RUN) pipeline demo $${YEAR:+--year "$$YEAR"} $${COUNT:+--count "$$COUNT"} $${SEED:+--seed "$$SEED"}

docs: .venv/.runtime ## 重新生成由程序产生的说明页（docs/）
	@$(RUN) pipeline.pages.accepted_spellings
	@$(RUN) pipeline.pages.commands
	@$(RUN) pipeline.pages.glossary
	@$(RUN) pipeline.pages.rules
	@$(RUN) pipeline.pages.schemas

bundle: .venv/.runtime ## 制作离线安装包（dist/），可加 PLATFORMS="win-amd64 linux-x86_64" PYTHONS="3.12 3.13" EMBED=嵌入式Python.zip
	@set -f; $(RUN) bundle $${PLATFORMS:+--platform $$PLATFORMS} $${PYTHONS:+--python $$PYTHONS} \
		$${EMBED:+--embed "$$EMBED"}

# One after the other, whatever -j says: the example is evaluated last, as its user would, and the installed command answers.
SUB = $(MAKE) --no-print-directory
check: ## 提交前的全部检查：规范、测试、示例（开发用，下同）
	@$(SUB) lint
	@$(SUB) test
	@$(SUB) test-slow
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(SUB) evaluate OUTPUT="$$scratch"
	@.venv/bin/jixiao --help >/dev/null

# Tests start the program hundreds of times: what Python compiles is kept, whatever the machine says.
test coverage test-slow test-on: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.dev ## 运行测试
	$(RUN) pytest -n auto --dist loadfile -m "not slow"

# The same tests, with the share of lines that they run; its floor stands in pyproject.toml.
coverage: .venv/.dev ## 运行测试，并核对测试覆盖的代码比例
	$(RUN) pytest -n auto --dist loadfile -m "not slow" --cov --cov-report=term:skip-covered

test-slow: .venv/.dev ## 运行耗时较长的测试
	$(RUN) pytest -n auto -m slow || test $$? -eq 5 # 5: there are none

# Another interpreter gets an environment of its own, thrown away afterwards. From Python 3.12 on counting lines is cheap.
test-on: ## 用另一个 Python 运行测试，并核对测试覆盖的代码比例，INTERPRETER=python3.13
	@$(call NEEDED,INTERPRETER,make test-on INTERPRETER=python3.13)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && "$$INTERPRETER" -m venv "$$scratch" && \
		"$$scratch"/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock && \
		"$$scratch"/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable . && \
		"$$scratch"/bin/python --version && COVERAGE_CORE=sysmon "$$scratch"/bin/python -m pytest -n auto --dist loadfile -m "not slow" \
		-p no:cacheprovider --cov --cov-report=

bench: .venv/.dev ## 测量速度与内存，与目标对照，约需一小时；SIZE=small 快速看一遍
	@$(RUN) benchmarks "$$SIZE"

lint: .venv/.dev ## 检查代码规范、格式与类型
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command as check; check()' --no-cache

format: .venv/.dev ## 自动整理代码格式
	$(RUN) ruff check --fix-only
	$(RUN) ruff format

# Known versions stay where they still fit. Universal: one lock for every system and Python from 3.11 on.
COMPILE = $(RUN) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock" --extra web $$LOCKFLAGS pyproject.toml
lock: .venv/.dev ## 重新锁定依赖版本，LOCKFLAGS=--upgrade 则全部升级
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

audit: .venv/.dev ## 检查依赖组件有没有已知的漏洞，需要联网
	$(RUN) uv tool run pip-audit --strict --disable-pip --require-hashes -r requirements.lock -r requirements-dev.lock

clean: ## 清除缓存，不动评价结果
	rm -rf output/.jixiao
	find . -name .venv -prune -o -name __pycache__ -prune -exec rm -rf {} +
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis fuzz-finds

distclean: clean ## 同 clean，并删除运行环境 .venv
	rm -rf .venv

# A word that is no target, nor a file that one needs: make itself would say so in English.
define NEWLINE


endef
.DEFAULT:
	@printf '没有命令 make %s；执行 make 列出全部命令。\n' '$(subst $(NEWLINE), ,$(subst ','\'',$@))' >&2; exit 2

# A link to the system's Python. When that has gone (an upgrade), all is made anew, whatever date the next Python bears.
.PHONY: $(shell test -x .venv/bin/python || echo .venv/bin/python)
.venv/bin/python:
	@python="$(PYTHON)"; test -n "$$python" || { \
		echo '未找到可用的 Python：需要 3.11 或更高版本（Debian/Ubuntu 还需执行 apt install python3-venv）。' >&2; exit 1; }; \
	"$$python" -m venv --clear .venv

# What is installed already in the locked version is not fetched again; the project itself is built offline.
.venv/.runtime: .venv/bin/python requirements.lock pyproject.toml
	@echo '正在准备运行环境（仅首次或依赖变更时进行，需要联网，可能要几分钟）……' >&2
	@$(RUN) pip install --quiet --require-hashes -r requirements.lock
	@$(RUN) pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@$(RUN) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
