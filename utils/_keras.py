"""Lets Keras be imported when it's first used, or says at once what keeps it from that."""

from utils.frameworks import load_after_this_cell
from utils.process import check_imports

check_imports()
load_after_this_cell()
