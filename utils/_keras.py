"""Says at once what would keep Keras from being imported when it's first used."""

from utils.process import check_imports

check_imports()
