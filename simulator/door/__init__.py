"""The functions behind `import simulator as ef`: thin, in words and degrees, on one thread of linear algebra.

`simulator/__init__.pyi` lists what is offered, `simulator/__init__.py` is the guide.
"""
