"""The faults of the mutation check fit the project as it is; `python -m tests.mutants` tries them."""

from tests.conftest import PROJECT
from tests.mutants.faults import FAULTS

# Beside the rooms, files that do no more than import.
NOT_ROOMS = {"__init__.py", "_ipywidgets.py", "_keras.py", "_tensorflow.py"}


def test_each_fault_changes_one_place():
    for fault in FAULTS:
        text = (PROJECT / fault.file).read_text("utf-8")
        assert text.count(fault.old) == 1, fault.name
        assert fault.old != fault.new, fault.name
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 36


def test_each_fault_has_tests_of_the_default_suite():
    """A test that isn't there would stop the whole check, and only after minutes."""
    for fault in FAULTS:
        assert fault.tests, fault.name
        for file, _, test in (test.partition("::") for test in fault.tests):
            assert not file.startswith(("tests/browser", "tests/notebooks")), fault.name  # they take minutes
            text = (PROJECT / file).read_text("utf-8")
            assert not test or f"\ndef {test.partition('[')[0]}(" in text, (fault.name, test)


def test_every_room_has_a_fault():
    rooms = {path.parent.relative_to(PROJECT).as_posix() for path in (PROJECT / "utils").glob("*/__init__.py")}
    rooms |= {f"utils/{path.name}" for path in (PROJECT / "utils").glob("*.py")} - {
        f"utils/{file}" for file in NOT_ROOMS
    }
    for room in rooms:
        assert any(fault.file == room or fault.file.startswith(f"{room}/") for fault in FAULTS), room
