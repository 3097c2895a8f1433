import sys

import six

print(f"six {six.__version__} in {sys.prefix}")
