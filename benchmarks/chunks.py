"""Read a workspace with LlamaIndex and split it at its headings, without embeddings or database.

    uv run --no-project --with llama-index-core python benchmarks/chunks.py WORKSPACE

It runs outside the project's environment, which does not have LlamaIndex. Prints JSON: documents,
sections, and the seconds of each step.
"""

import json
import sys
import time
from pathlib import Path

from llama_index.core import SimpleDirectoryReader
from llama_index.core.node_parser import MarkdownNodeParser


def main(workspace: str) -> None:
    """Read and split the workspace, and print the figures."""
    begun = time.perf_counter()
    files = sorted(Path(workspace).glob("*/*/*/*.md"))
    documents = SimpleDirectoryReader(input_files=files).load_data()
    read = time.perf_counter()
    sections = MarkdownNodeParser().get_nodes_from_documents(documents)
    ended = time.perf_counter()
    figures = {
        "documents": len(documents),
        "sections": len(sections),
        "read": read - begun,
        "split": ended - read,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
