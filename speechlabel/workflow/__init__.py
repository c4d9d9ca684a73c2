"""The verbs.  The only layer that sees both the store and the transforms; one file per verb.

The page, the command line, REST and Python all call these plain functions.
"""
