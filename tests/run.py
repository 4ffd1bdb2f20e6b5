"""Run the suite: all of it on SQLite and, at the same time, on PostgreSQL the tests that are marked `database`.

    python tests/run.py [arguments of pytest]

The PostgreSQL server is one of this run (tests/postgres.py). Without its programs only SQLite is tested; with CI or
REQUIRE_POSTGRES in the environment that is a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
NOTHING_COLLECTED = 5  # pytest's exit code
PROCESSORS = os.cpu_count() or 2


def main() -> int:
    arguments = sys.argv[1:]
    pytest = [sys.executable, "-m", "pytest"]
    server = [sys.executable, str(TESTS / "postgres.py")]
    installed = subprocess.run([*server, "--find"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that both halves are ended
    with tempfile.TemporaryFile("w+") as output:
        halves = []
        try:
            if installed.returncode == 0:
                command = [*server, "--", *pytest, f"-n{max(1, PROCESSORS // 2)}", "-m", "database", *arguments]
                env = os.environ | {"DATABASE_STATEMENT_TIMEOUT": "300"}  # seconds: both halves share the processors
                halves.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env))
            print("The suite on SQLite", flush=True)
            # The half on SQLite is twice as long; more processes only compete for the processors.
            halves.insert(0, subprocess.Popen([*pytest, f"-n{PROCESSORS}", *arguments]))
            codes = [half.wait() for half in halves]
        finally:
            for half in halves:
                half.terminate()
        if len(codes) == 2:
            output.seek(0)
            print("\nThe tests marked `database` on PostgreSQL", output.read(), sep="\n", flush=True)
            return codes[0] or (0 if codes[1] == NOTHING_COLLECTED else codes[1])
    if os.environ.get("CI") or os.environ.get("REQUIRE_POSTGRES"):
        print("\nFAILED: PostgreSQL is not installed, so nothing was tested on it.")
        return 1
    print("\nNOT RUN: the tests on PostgreSQL (on Debian: apt-get install postgresql). SQLite alone was tested.")
    return codes[0]


if __name__ == "__main__":
    sys.exit(main())
