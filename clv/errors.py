"""The one exception whose message is meant for the user."""


class UserError(Exception):
    """One line that says what is wrong, where, and what to do; the command line exits with 2."""
