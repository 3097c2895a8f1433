"""Stands in for the part of Azure ML's SDK v1 that training scripts call, where the SDK is not installed.

amltrain puts this folder at the end of a run's PYTHONPATH. `azureml` itself is a namespace package here: one that is
installed comes before it, and its azureml.core before this one.
"""
import importlib.util
import os
import sys


def _installed_sdk():
    """The azureml.core of another folder of the namespace, or None."""
    own = os.path.dirname(os.path.abspath(__file__))
    for folder in sys.modules["azureml"].__path__:
        file = os.path.join(folder, "core", "__init__.py")
        if os.path.isfile(file) and not os.path.samefile(os.path.dirname(file), own):
            return file
    return None


_sdk = _installed_sdk()
if _sdk:
    _spec = importlib.util.spec_from_file_location(__name__, _sdk, submodule_search_locations=[os.path.dirname(_sdk)])
    _module = importlib.util.module_from_spec(_spec)
    sys.modules[__name__] = _module
    _spec.loader.exec_module(_module)
else:
    from azureml.core.run import Run  # noqa: F401

    def __getattr__(name):
        # Python asks for __path__ and the like too.
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"azureml.core is amltrain's stand-in for Azure ML's SDK v1, which is not installed: it has Run "
                          f"alone and no {name}")

    class _Absent:
        """Asked last: for modules of the SDK that nobody has."""

        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.startswith("azureml.core."):
                __getattr__(name.removeprefix("azureml.core."))

    sys.meta_path.append(_Absent)
