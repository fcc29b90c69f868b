"""Runs a program on a terminal of its own and types into it. Arguments: the program's. Standard input: a JSON list of steps,
each {"type": text, "until": regular expression of what it then shows (absent: its end), "size": [rows, columns]}. Prints
all that was shown, ends with the program's code."""
import fcntl, json, os, pty, re, select, struct, sys, termios, time

steps = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])


def resize(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


def show(until, shown):
    """Reads on until the pattern is seen, or the program has ended."""
    seen = ''
    deadline = time.monotonic() + 30
    while until is None or not re.search(until, seen):
        if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            sys.exit('not shown: %s\nshown: %r' % (until, shown + seen))
        try:
            read = os.read(terminal, 65536)
        except OSError:
            read = b''
        if not read:
            return shown + seen
        seen += read.decode('utf-8', 'replace')
    return shown + seen


shown = ''
resize(30, 100)
for step in steps:
    if 'size' in step:
        resize(*step['size'])
    if 'type' in step:
        os.write(terminal, step['type'].encode())
    shown = show(step.get('until'), shown)
print(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
