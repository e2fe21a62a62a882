"""Tests in a real browser. A package, so that JupyterLab and the browser can end with its last test."""
