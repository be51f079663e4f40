"""Running a training: the loop, checkpoints, the metric log, warm starts. Losses are only known by name."""
