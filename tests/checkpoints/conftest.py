import sys
from pathlib import Path

# The writers of foreign layouts and the hostile corpus are used by several test files and by subprocesses.
sys.path.insert(0, str(Path(__file__).parent))
