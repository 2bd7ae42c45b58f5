package meshwork.api.chat;

/** A template can't be used, or refuses a conversation. */
public final class ChatRejected extends RuntimeException {

	public ChatRejected(String message) {
		this(message, null);
	}

	public ChatRejected(String message, Throwable cause) {
		super(message, cause);
	}
}
