package meshwork.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What tells one state of a file from the next without reading it. */
record Stamp(FileTime modified, long size, Optional<Object> file) {

	/** File systems count in steps of some milliseconds. */
	private static final Duration GRAIN = Duration.ofMillis(100);

	/** Whether any change from now on will show. */
	boolean settled() {
		return modified.toInstant().isBefore(Instant.now().minus(GRAIN));
	}

	/** Empty when there is no such file, or it can't be seen. */
	static Optional<Stamp> of(Path path) {
		try {
			var attributes = Files.readAttributes(path, BasicFileAttributes.class);
			return Optional.of(new Stamp(attributes.lastModifiedTime(), attributes.size(), Optional.ofNullable(attributes.fileKey())));
		} catch (IOException e) {
			return Optional.empty();
		}
	}
}
