"""Turn the files of a workspace into Parquet parts.

listing     list the files of each team and kind, with their previous reads, in parts
reader      read → compare → parse each file of a part
uploads     find or upload the blob of each file that yields rows
parts       record the rows, the read and the rejections of each file in the part's file
executors   run these tasks in this process, in local processes, or on a Dask cluster
"""
