"""What the command lines of the clients that are libraries have in common; testbed/ssh-client has the same."""

import argparse


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--user")
    parser.add_argument("--key")
    parser.add_argument("--known-hosts")
    parser.add_argument("--rekey", type=int, default=0, help="bytes; says at its end how often keys were exchanged")
    parser.add_argument("--keepalive", type=float, default=0, help="seconds")
    parser.add_argument("action")
    parser.add_argument("words", nargs="*")
    return parser.parse_args()
