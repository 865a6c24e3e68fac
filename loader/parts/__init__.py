"""A run in parts, which processes of this machine or of others do.

    freeze   manifest.py   tasks list the workspace: each file with its size, version and part
    do       work.py       tasks read, hash, parse and upload a part's files; its rows are one file
    commit   commit.py     a part's rows and its row in the ledger go into the database together
    close    closing.py    what only the whole run tells; then its load counts as finished

What a run is, is in its folder (folder.py): whoever comes next goes on where it stopped.
"""
