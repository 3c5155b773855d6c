# Thin: every target calls dev/run. ARGS= reaches pytest and the benchmarks.
.DEFAULT_GOAL := help
.PHONY: help demo install up test lint bench status down clean

help:
	@echo '吉林公共信息资源开放平台'
	@echo
	@echo '  make demo     从零启动并填充门户，默认地址 http://127.0.0.1:5000（PORT=5001 make demo 可换端口）'
	@echo '  make test     运行全部测试（ARGS="tests/pure -k mapping" 可选择）'
	@echo '  make status   显示正在运行的服务'
	@echo '  make down     停止全部服务'
	@echo '  make up       只启动 PostgreSQL、Redis 和 Solr'
	@echo '  make install  只安装系统组件和 Python 依赖'
	@echo '  make lint     检查代码风格、格式、类型和译文'
	@echo '  make bench    运行性能对比'
	@echo '  make clean    停止全部服务，删除 var/ 和本目录的数据库'
	@echo
	@echo '端口：PORT JILINOPEN_PG_PORT JILINOPEN_REDIS_PORT JILINOPEN_SOLR_PORT JILINOPEN_ODWEB_PORT JILINOPEN_OPORTAL_PORT'
	@echo 'Python：PYTHON=python3.11 make demo'

demo install up lint status down clean:
	@./dev/run $@

test bench:
	@./dev/run $@ '$(ARGS)'
