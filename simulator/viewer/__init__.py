"""The trainer: a page on which a whole case is practised, and the engine that drives it in real time.

`runtime` ticks a procedure by the clock without any page, `worker` runs it in a process of its own, `engine` is the page's hold on that
process, `app` is the page. All state comes from `simulator.procedure`; the page invents none.
"""
