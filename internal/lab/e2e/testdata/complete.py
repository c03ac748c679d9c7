"""Types into a shell on a terminal, and prints what the shell shows.

complete.py SHELL SETUP LINE WANTED: SETUP is run first, LINE is typed without a line feed,
and tabs follow until WANTED is on the screen, or for 10 seconds.
"""
import os
import pty
import re
import select
import sys
import time

shell, setup, line, wanted = sys.argv[1:]
arguments = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", PS1="ready> ", COLUMNS="200", LC_ALL="C.UTF-8")
    os.execvp(arguments[0], arguments)

screen = ""


def read_until(text, seconds):
    """Reads until text is on the screen, and reports whether it is."""
    global screen
    end = time.time() + seconds
    while time.time() < end:
        if text in screen:
            return True
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                read = os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:
                break
            screen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07", "", read)
    return text in screen


os.write(terminal, (setup + "; echo begin''ning\n").encode())
ok = read_until("beginning", 20)
screen = ""
os.write(terminal, line.encode())
for _ in range(5):
    os.write(terminal, b"\t")
    if read_until(wanted, 2):
        break
print(screen)
os.close(terminal)
os.kill(pid, 9)
sys.exit(0 if ok and wanted in screen else 1)
