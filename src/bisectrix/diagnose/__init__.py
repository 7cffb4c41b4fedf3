"""What failures are known by: rules as data, matched against logs, tracebacks, JUnit files and recorded attempts."""
