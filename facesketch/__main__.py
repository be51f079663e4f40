"""python -m facesketch: the command line."""

try:
    from .command.main import main
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    raise SystemExit(main())
