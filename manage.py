#!/usr/bin/env python3
"""Django's commands for accords: `.venv/bin/python manage.py help` lists them."""

try:
    from accords.__main__ import main
except ImportError as error:
    raise SystemExit(f"{error}. Run `make serve` once, then call this with .venv/bin/python.") from error

if __name__ == "__main__":
    main()
