"""The domain: which vehicles may be sent to a call, when each arrives, and why not the others."""
