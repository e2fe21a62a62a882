"""Lets ipywidgets be imported, or says what this kernel, or the JupyterLab that shows it, lacks."""

from utils.process import check_ipywidgets

check_ipywidgets()
