package meshwork.gguf;

import java.nio.file.Path;

/** A model file was refused: the message says what is wrong with it, where, and what to do. */
public final class ModelRejected extends RuntimeException {

	private static final long serialVersionUID = 1;

	private final transient Path file;
	private final String reason;
	private final Kind kind;

	/** What kind of reason it is. */
	public enum Kind {
		/** There is no such file, or it can't be read. */
		UNREADABLE,
		/** It is something else: not GGUF, or not a model. */
		NOT_A_MODEL,
		/** It ends too early. */
		TRUNCATED,
		/** It breaks a rule of the format, or one that llama.cpp takes for granted. */
		MALFORMED,
		/** llama.cpp does not know its architecture. */
		UNKNOWN_ARCHITECTURE
	}

	/** A refusal of the kind {@link Kind#MALFORMED}. */
	public ModelRejected(String reason, Path file) {
		this(Kind.MALFORMED, reason, file);
	}

	public ModelRejected(Kind kind, String reason, Path file) {
		this(kind, reason, file, null);
	}

	public ModelRejected(Kind kind, String reason, Path file, Throwable cause) {
		super(file.getFileName() + ": " + reason, cause);
		this.file = file;
		this.reason = reason;
		this.kind = kind;
	}

	/** The file that was refused. */
	public Path file() {
		return file;
	}

	/** What kind of reason it is. */
	public Kind kind() {
		return kind;
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
