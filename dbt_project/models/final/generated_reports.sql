{{ no_rows(model.columns) }}
