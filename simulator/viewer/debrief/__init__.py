"""What the debrief shows of an attempt that is over: data only, without a page."""
