"""`python -m llmcache_sidecar`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
