"""Networks with weights from other projects."""
