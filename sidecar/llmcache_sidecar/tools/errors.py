"""What stops a tool."""


class ToolError(Exception):
    """The tool can't go on; the message says what the reader can do."""
