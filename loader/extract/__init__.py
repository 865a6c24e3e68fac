"""From the workspace to Parquet parts.

listing     list the files of each team and kind, with what earlier runs know, in parts
reader      read → compare → parse each file of a part
uploads     give each file that yields rows its blob
parts       record the rows, the read and the rejections of each file in the part's file
executors   run these tasks here, in processes of this machine, or on a Dask cluster
"""
