"""PostgreSQL: a cluster of our own beside the packaged one, which is left alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev import ports, process, secret
from dev.console import CommandError
from dev.layout import CHECKOUT_ID, LOG, VAR
from dev.services.base import Service, digest

_SUPERUSER = "jilinopen_admin"


@dataclass(frozen=True)
class Database:
    """A database with the one role that owns it and may enter it.

    Attributes:
        name: Name of the database and of the role.
        password: The role's password.
        settings: Settings of the database, as SQL after ``ALTER DATABASE … SET``.
    """

    name: str
    password: str
    settings: tuple[str, ...] = ()


def demo_database() -> Database:
    """Return the portal's database; its password is this checkout's own."""
    return Database("jilinopen", secret.kept("postgres"))


# test.ini must work by itself, so the password is known; the role enters only the tests' database.
TEST_DATABASE = Database("jilinopen_test", "jilinopen_test", ("synchronous_commit = off",))
# Tests harvest a second, stock CKAN site; it keeps its datasets here.
REMOTE_DATABASE = Database("jilinopen_remote", "jilinopen_remote", ("synchronous_commit = off",))


def url(database: Database) -> str:
    """Return a database's SQLAlchemy address.

    Args:
        database: The database.
    """
    address = f"{ports.HOST}:{ports.number(ports.POSTGRES)}"
    return f"postgresql://{database.name}:{database.password}@{address}/{database.name}"


def create(database: Database) -> None:
    """Make a database and its role, or bring the role's password up to date.

    Args:
        database: The database.

    Raises:
        CommandError: PostgreSQL refused.
    """
    name = database.name
    _execute(
        f"DO $$ BEGIN CREATE ROLE {name} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        f"ALTER ROLE {name} PASSWORD '{database.password}';"
    )
    exists = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"  # noqa: S608 - our own names
    if not _execute(exists):
        _execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'")
    _execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    for setting in database.settings:
        _execute(f"ALTER DATABASE {name} SET {setting}")


def identity() -> str:
    """Tell this cluster from one that was made anew."""
    return digest(secret.kept_in(_home() / "password"))


def remove() -> None:
    """Delete the cluster of this checkout; the server must be stopped."""
    # Without PostgreSQL's account there is no cluster either.
    with contextlib.suppress(CommandError):
        shutil.rmtree(_home(), ignore_errors=True)


def _home() -> Path:
    """Return the cluster's home: root's checkout may be closed to the postgres account."""
    if os.geteuid() != 0:
        return VAR / "pg"
    try:
        account = pwd.getpwnam("postgres")
    except KeyError as error:
        raise CommandError(
            "以 root 运行时需要系统账户 postgres（PostgreSQL 不能以 root 运行）；"
            "请安装 Debian 软件包 postgresql，或改用普通用户运行"
        ) from error
    return Path(account.pw_dir) / f"jilinopen-{CHECKOUT_ID}"


def _data() -> Path:
    return _home() / "data"


def _program(name: str) -> str:
    """Find a server program: of the cluster's own version, else of the newest installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    version_file = _data() / "PG_VERSION"
    if version_file.exists():
        wanted = version_file.read_text(encoding="ascii").strip()
        found = [path for path in found if path.parts[-3] == wanted] or found
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise CommandError(f"没有找到 PostgreSQL 的程序 {name}；请安装 Debian 软件包 postgresql")
    return program


def _version(program: Path) -> int:
    return int(program.parts[-3]) if program.parts[-3].isdigit() else 0


def _write_access_rules() -> None:
    rules = [
        f"host all {_SUPERUSER} {ports.HOST}/32 scram-sha-256",
        f"host sameuser all {ports.HOST}/32 scram-sha-256",
    ]
    (_data() / "pg_hba.conf").write_text("\n".join(rules) + "\n", encoding="ascii")


def _psql(sql: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            _program("psql"),
            *("--no-psqlrc", "--tuples-only", "--no-align", "--quiet"),
            *("--set", "ON_ERROR_STOP=1"),
            *("--host", ports.HOST, "--port", str(ports.number(ports.POSTGRES))),
            *("--username", _SUPERUSER, "--dbname", "postgres", "--no-password"),
        ],
        # On standard input, where the process list does not show a password.
        input=sql,
        env={
            "PATH": os.environ["PATH"],
            "PGPASSWORD": secret.kept_in(_home() / "password"),
            "PGCONNECT_TIMEOUT": "3",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _execute(sql: str) -> str:
    done = _psql(sql)
    if done.returncode:
        raise CommandError(
            f"PostgreSQL 拒绝了操作：{done.stderr.strip()}", process.log_path("postgres")
        )
    return done.stdout.strip()


def _argv() -> list[str]:
    settings = (
        f"listen_addresses={ports.HOST}",
        f"port={ports.number(ports.POSTGRES)}",
        # No socket file: its path would be too long under a deep checkout.
        "unix_socket_directories=",
        "max_connections=80",
        "shared_buffers=128MB",
        "timezone=Asia/Shanghai",
        "log_timezone=Asia/Shanghai",
    )
    options = [part for setting in settings for part in ("-c", setting)]
    return [_program("postgres"), "-D", str(_data()), *options]


def _prepare() -> None:
    _home().mkdir(mode=0o700, exist_ok=True)
    _give_to_account(_home())
    if not (_data() / "PG_VERSION").exists():
        _init()
    _write_access_rules()


def _init() -> None:
    password_file = _home() / "password"
    secret.kept_in(password_file)
    _give_to_account(password_file)
    log = LOG / "initdb.log"
    command = [
        _program("initdb"),
        f"--pgdata={_data()}",
        f"--username={_SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    account = _account()
    with log.open("wb") as out:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=_home(),
            env=_env(),
            user=account,
            group=account,
            extra_groups=[] if account else None,
            check=False,
        )
    if done.returncode:
        raise CommandError("PostgreSQL 数据目录初始化失败；原因见日志末尾", log)


def _account() -> str | None:
    return "postgres" if os.geteuid() == 0 else None


def _give_to_account(path: Path) -> None:
    account = _account()
    if account is not None:
        shutil.chown(path, account, account)


def _env() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


POSTGRES = Service(
    name="postgres",
    title="PostgreSQL",
    argv=_argv,
    healthy=lambda: _psql("SELECT 1").returncode == 0,
    listens=ports.POSTGRES,
    prepare=_prepare,
    env=_env,
    cwd=_home,
    user=_account,
    # SIGINT ends the sessions and writes everything down; SIGTERM would wait for the sessions.
    stop_signal=signal.SIGINT,
)
