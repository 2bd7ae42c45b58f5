package meshwork.gguf;

import java.nio.file.Path;

/** A model file was refused: the message says what is wrong with it, where, and what to do. */
public final class ModelRejected extends RuntimeException {

	private static final long serialVersionUID = 1;

	private final transient Path file;
	private final String reason;

	public ModelRejected(String reason, Path file) {
		this(reason, file, null);
	}

	public ModelRejected(String reason, Path file, Throwable cause) {
		super(file.getFileName() + ": " + reason, cause);
		this.file = file;
		this.reason = reason;
	}

	/** The file that was refused. */
	public Path file() {
		return file;
	}

	/** Why, without the file's name. */
	public String reason() {
		return reason;
	}

	/** A byte offset or count as people read it: {@code 4 831 838 208}. */
	static String count(long value) {
		StringBuilder digits = new StringBuilder(Long.toUnsignedString(value));
		for (int i = digits.length() - 3; i > 0; i -= 3) {
			digits.insert(i, ' ');
		}
		return digits.toString();
	}
}
