"""Imports TensorFlow without the notices that it writes to every kernel's standard error.

They come from its C++ side before any setting of its own is read (oneDNN being on, as it should be), so for the time
of the import the file descriptor leads nowhere. A failing import raises as ever.
"""

import os

_stderr = os.dup(2)
_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 2)
try:
    import tensorflow
finally:
    os.dup2(_stderr, 2)
    os.close(_stderr)
    os.close(_nowhere)

# The engine traces one function for every depth of freezing, on purpose; TensorFlow takes that for an oversight.
tensorflow.get_logger().setLevel("ERROR")
