"""What happened against what was declared: outcomes, signatures, verdicts, rates and boundaries; pure."""
