"""The hard cases: 376 inputs with a right answer, and the tests that hold them.

A test bears the numbers of its cases in its name or in the name of one of its parameters:
`test_ENG_22_24_…` holds ENG-22 and ENG-24, `test_value_and_gradient[ELE_04_square]` ELE-04.

    python -m tests.cases         the list: number, what is tried, where it is held or why not
    python -m pytest -k ELE-04    the tests of one case
"""
