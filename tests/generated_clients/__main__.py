"""Lint the schema, generate clients from it, compile each, and make the same ten calls with each on a live server.

The programs of docs/guide/start.md are compiled and run with the clients that it generates.

    python -m tests.generated_clients [names of clients, or lint]

Everything is made in var/clients. A client whose tools are not installed is reported as not run; with CI in the
environment that is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.live_server import ROOT, Service

HERE = Path(__file__).parent
WORK = ROOT / "var" / "clients"
SCHEMA = ROOT / "tests" / "api" / "openapi.yaml"
PYTHON = WORK / "python" / "bin"
NODE = WORK / "node" / "node_modules" / ".bin"
RELEASED = ROOT / "tests" / "api" / "released.yaml"  # the schema of the last release; there is none before the first
DECLARED = ROOT / "tests" / "api" / "breaking.txt"  # changes since then that break clients on purpose, one on a line
ANNOTATIONS = Path(
    "/usr/share/java/geronimo-annotation-1.3-spec.jar"
)  # of Debian's libgeronimo-annotation-1.3-spec-java
CALLS = ("filter", "all pages", "nested", "CSV", "problem", "create", "412 resolved", "bulk", "calendar", "changes")
GUIDE = ROOT / "docs" / "guide" / "start.md"
GUIDE_HOST = "http://127.0.0.1:8000"
Command = list[str | Path]


class Client(NamedTuple):
    """A client: the programs that it needs, and the commands that generate it, compile it and use it.

    If the guide has a program for it, `guide` has the language of that program, the file in which it is saved, and the
    commands that compile and run it; the last one prints the answer.
    """

    name: str
    needs: tuple[str, ...]
    generate: Callable[[], list[Command]]
    compile: Callable[[], list[Command]]
    use: Callable[[], Command]
    guide: tuple[str, str, Callable[[], list[Command]]] | None = None


class Failed(Exception):
    """A command ended with an error."""


def run(command: Command, cwd: Path = WORK, **env: str) -> str:
    """Return what a command prints. Raises `Failed` with it."""
    words = [str(word) for word in command]
    path = os.pathsep.join([str(PYTHON), str(NODE), os.environ["PATH"]])
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, "PATH": path, "GOFLAGS": "-mod=mod", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(words)}\n{done.stdout[-4000:]}")
    return done.stdout


def copy(name: str, target: str) -> Command:
    return ["cp", HERE / name, WORK / target]


def generator(language: str, target: str, *options: str) -> Command:
    """Return the command of openapi-generator for a language."""
    return ["openapi-generator-cli", "generate", "-g", language, "-i", SCHEMA, "-o", WORK / target, *options]


def jars() -> str:
    """Return the class path: what the generated Java needs is in the generator's own JAR, but for the annotations."""
    (jar,) = WORK.glob("python/lib/python*/site-packages/openapi_generator_cli/*.jar")
    return os.pathsep.join(map(str, [WORK / "java" / "classes", jar, ANNOTATIONS]))


def java_sources() -> list[str | Path]:
    return [*(WORK / "java" / "src" / "main").rglob("*.java"), WORK / "java" / "UseJava.java"]


def compile_typescript(program: str) -> list[Command]:
    """Return the commands that compile a program in a folder of its own, so that no other is compiled with it."""
    folder = f"node/{program}"
    return [
        copy(f"use_{program}.ts", f"{folder}/use.ts"),
        copy("tsconfig.json", f"{folder}/tsconfig.json"),
        ["tsc", "--project", folder],
    ]


CLIENTS = [
    Client(
        "openapi-python-client",
        ("python3",),
        lambda: [
            [
                *("openapi-python-client", "generate", "--path", SCHEMA, "--meta", "none", "--overwrite"),
                *("--config", HERE / "openapi-python-client.yaml", "--output-path", WORK / "accords_client"),
            ]
        ],
        lambda: [copy("use_attrs.py", "use_attrs.py"), ["python", "-m", "compileall", "-q", "accords_client"]],
        lambda: ["python", "use_attrs.py"],
        ("python", "tariffs.py", lambda: [["python", "tariffs.py"]]),
    ),
    Client(
        "openapi-generator python",
        ("python3", "java"),
        lambda: [generator("python", "pydantic")],
        lambda: [
            copy("use_pydantic.py", "pydantic/use_pydantic.py"),
            ["python", "-m", "compileall", "-q", WORK / "pydantic" / "openapi_client"],
        ],
        lambda: ["python", WORK / "pydantic" / "use_pydantic.py"],
    ),
    Client(
        "openapi-typescript + openapi-fetch",
        ("node", "npm"),
        lambda: [["openapi-typescript", SCHEMA, "-o", WORK / "node" / "fetch" / "accords.d.ts"]],
        lambda: compile_typescript("fetch"),
        lambda: ["node", "node/fetch/use.js"],
        (
            "ts",
            "node/fetch/tariffs.mts",
            lambda: [["tsc", "--project", "node/fetch"], ["node", "node/fetch/tariffs.mjs"]],
        ),
    ),
    Client(
        "hey-api",
        ("node", "npm"),
        lambda: [
            copy("tsconfig.json", "node/tsconfig.json"),  # tells the generator that imports need file extensions
            ["sh", "-c", f"cd node && openapi-ts -i {SCHEMA} -o hey/client --no-log-file"],
        ],
        lambda: compile_typescript("hey"),
        lambda: ["node", "node/hey/use.js"],
    ),
    Client(
        "openapi-generator go",
        ("go", "java"),
        lambda: [generator("go", "go", "--additional-properties=enumClassPrefix=true,withGoMod=false")],
        lambda: [
            [
                "sh",
                "-c",
                "rm -rf go/test go/go.* && mkdir -p go/use && printf 'module accords.example/client\\n' > go/go.mod",
            ],
            copy("use_go.go", "go/use/main.go"),
            ["sh", "-c", "cd go && go build -o used ./use"],
        ],
        lambda: [WORK / "go" / "used"],
    ),
    Client(
        "openapi-generator java",
        ("java", "javac", str(ANNOTATIONS)),
        lambda: [
            generator(
                "java",
                "java",
                "--library=native",
                "--additional-properties=hideGenerationTimestamp=true,openApiNullable=false,useSingleRequestParameter=true",
            )
        ],
        lambda: [
            copy("UseJava.java", "java/UseJava.java"),
            ["javac", "-nowarn", "-d", WORK / "java" / "classes", "-cp", jars(), *java_sources()],
        ],
        lambda: ["java", "-cp", jars(), "UseJava"],
    ),
]


def install() -> None:
    """Install the generators that are pinned here, if they are not there yet."""
    lock = HERE / "requirements.lock"
    stamp = WORK / "python.lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", WORK / "python"])
        pip = [sys.executable, "-m", "pip", "--python", PYTHON / "python", "-qq", "--disable-pip-version-check"]
        run([*pip, "install", "--require-hashes", "-r", lock])
        stamp.write_bytes(lock.read_bytes())
    if shutil.which("npm"):
        stamp, lock = WORK / "node.lock", HERE / "package-lock.json"
        if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
            (WORK / "node").mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, WORK / "node" / name)
            run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=WORK / "node")
            stamp.write_bytes(lock.read_bytes())


def lint() -> None:
    """Check the schema with Redocly and Spectral; any finding is an error."""
    redocly = run(["redocly", "lint", "--config", HERE / "redocly.yaml", SCHEMA], cwd=WORK / "node")
    spectral = run(["spectral", "lint", "--fail-severity=hint", "--ruleset", HERE / "spectral.yaml", SCHEMA])
    if "warning" in redocly.partition("validating")[2]:
        raise Failed(redocly)
    print("redocly:", redocly.strip().splitlines()[-1])
    print("spectral:", spectral.strip().splitlines()[-1])
    if not RELEASED.exists():
        print("breaking changes: none, nothing is released yet")
    elif breaking := undeclared():
        raise Failed("\n".join(["These changes break clients, and breaking.txt does not declare them:", *breaking]))


def undeclared(released: Path = RELEASED) -> list[str]:
    """Return the changes since the last release that break clients and are not declared."""
    shutil.copy(HERE / "breaking.mjs", WORK / "node" / "breaking.mjs")
    breaking = run(["node", "breaking.mjs", released, SCHEMA], cwd=WORK / "node").splitlines()
    declared = DECLARED.read_text(encoding="utf-8").splitlines() if DECLARED.exists() else []
    return [change for change in breaking if change not in declared]


def make(client: Client) -> str:
    """Generate and compile a client; return what went wrong, or nothing."""
    try:
        for command in client.generate():
            run(command)
        for command in client.compile():
            run(command)
    except Failed as error:
        return str(error)
    return ""


def use(client: Client, service: Service, token: str) -> tuple[dict[str, str], str]:
    """Make the calls; return the word of each, and what the program printed besides."""
    try:
        printed = run(client.use(), BASE=f"http://127.0.0.1:{service.port}", TOKEN=token)
    except Failed as error:
        printed = str(error)
    words = {}
    rest = []
    for line in printed.splitlines():
        word, _, name = line.partition(" ")
        if word in ("ok", "WRONG") and name in CALLS:
            words[name] = word
        else:
            rest.append(line)
    return words, "\n".join(rest)


def try_out(client: Client, service: Service, token: str) -> list[str]:
    """Make the calls and run the guide's program, print the outcome, and return what went wrong."""
    words, rest = use(client, service, token)
    wrong = [name for name in CALLS if words.get(name) != "ok"]
    failures = [f"{client.name}: {rest}"] if wrong else []
    line = f"{client.name}: {len(CALLS) - len(wrong)} of {len(CALLS)} calls"
    line += f" (not {', '.join(wrong)})" if wrong else ""
    if client.guide:
        fault = run_guide(*client.guide, f"http://127.0.0.1:{service.port}")
        line += ", not the guide's program" if fault else ", and the guide's program"
        failures += [f"{client.name}, the guide's program: {fault}"] if fault else []
    print(line)
    return failures


def run_guide(language: str, file: str, commands: Callable[[], list[Command]], base: str) -> str:
    """Run a program of the guide; return what went wrong, or nothing."""
    text = GUIDE.read_text(encoding="utf-8")
    (program, answer) = (
        re.findall(pattern, text, re.MULTILINE | re.DOTALL)[-1]
        for pattern in (rf"^```{language} typed\n(.*?)^```$", r"^```text\n(.*?)^```$")
    )
    (WORK / file).write_text(program.replace(GUIDE_HOST, base), encoding="utf-8")
    try:
        *_, printed = [run(command) for command in commands()]
    except Failed as error:
        return str(error)
    return "" if printed == answer else f"{file} prints:\n{printed}"


def main() -> int:
    asked = sys.argv[1:]
    WORK.mkdir(parents=True, exist_ok=True)
    install()
    failures: list[str] = []
    if not asked or "lint" in asked:
        if shutil.which("npm"):
            try:
                lint()
            except Failed as error:
                failures.append(f"lint: {error}")
        else:
            print("NOT RUN: the linters of the schema (npm is not installed).")
            failures += ["lint: npm is missing"] if os.environ.get("CI") else []
    chosen = [one for one in CLIENTS if not asked or one.name in asked]
    missing = {
        one.name: [need for need in one.needs if not shutil.which(need) and not Path(need).is_file()] for one in chosen
    }
    there = [one for one in chosen if not missing[one.name]]
    with ThreadPoolExecutor(2) as workers:
        made = dict(zip(there, workers.map(make, there), strict=True))
    if there:
        with tempfile.TemporaryDirectory() as folder:
            service = Service(Path(folder, "log"), f"sqlite:///{folder}/accords.sqlite3")
            service.run("manage.py", "migrate", "--verbosity", "0")
            service.run("manage.py", "load_deal", "--verbosity", "0")
            service.run(
                "manage.py", "createsuperuser", "--no-input", "--username", "clients", "--email", "c@example.org"
            )
            token = service.run("manage.py", "make_token", "clients", "--owner", "clients", "--scope", "write").strip()
            service.start()
            try:
                for client, fault in made.items():
                    failures += [f"{client.name}: {fault}"] if fault else try_out(client, service, token)
            finally:
                service.stop()
    for name, needs in missing.items():
        if needs:
            print(f"NOT RUN: {name}, without {', '.join(needs)}.")
            failures += [f"{name}: {', '.join(needs)} missing"] if os.environ.get("CI") else []
    for failure in failures:
        print(f"\nFAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
