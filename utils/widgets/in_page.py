"""What only the page can do: a script in a panel's HTML, which runs there once."""

import html


def once_there(selector: str, script: str) -> str:
    """HTML that runs a script when it has become part of the page, inside what the selector names.

    A page runs no scripts in HTML that comes later, but tells a part that is open that it has been opened.

    Args:
        selector: The CSS selector of an element around the HTML, which may come later than the HTML itself.
        script: JavaScript, in which `box` is that element.
    """
    find = f"""const find = tries => {{
      const box = this.closest('{selector}');
      if (!box?.isConnected) {{ tries && setTimeout(() => find(tries - 1), 100); return; }}
      {script}
    }};
    find(100);"""
    return f'<details open style="display:none" ontoggle="{html.escape(find, quote=True)}"></details>'
