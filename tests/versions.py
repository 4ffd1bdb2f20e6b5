"""Run the suite on SQLite with each supported Python that is installed, and once with the newest Django.

    python tests/versions.py [arguments of pytest]

The newest Django may fail: its outcome is printed and does not fail the run. Environments are kept in var/versions.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def is_installed(program: str) -> bool:
    """Return whether a program runs; version managers put names on the path that do not."""
    return shutil.which(program) is not None and subprocess.run([program, "-V"], check=False).returncode == 0


def environment(program: str, name: str) -> str:
    """Create a virtual environment with what requirements-dev.lock pins, and return its Python."""
    folder = ROOT / "var" / "versions" / name
    subprocess.run([program, "-m", "venv", folder], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, *PIP, "--require-hashes", "-r", ROOT / "requirements-dev.lock"], check=True)
    return python


def passes(python: str, arguments: list[str]) -> bool:
    says = "import sys, django; print(f'Python {sys.version.split()[0]}, Django {django.__version__}')"
    subprocess.run([python, "-c", says], check=True)
    return subprocess.run([python, "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode == 0


def main() -> int:
    installed = [name for name in PYTHONS if is_installed(name)]
    if not installed:
        print(f"NOT RUN: none of {', '.join(PYTHONS)} is installed.")
        return 1
    outcomes = {name: passes(environment(name, name), sys.argv[1:]) for name in installed}
    newest = environment(installed[-1], "newest-django")
    subprocess.run([newest, *PIP, "--upgrade", "django"], check=True)
    newest_passes = passes(newest, sys.argv[1:])
    for name, outcome in outcomes.items():
        print(f"{name}: {'passed' if outcome else 'FAILED'}")
    version = subprocess.run(
        [newest, "-m", "django", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    print(
        f"Django {version}, the newest that {installed[-1]} can run: {'passed' if newest_passes else 'failed, see above'}"
    )
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
