"""For who writes cases: `lint` finds what is wrong with a file, `preview` shows what it asks for."""
