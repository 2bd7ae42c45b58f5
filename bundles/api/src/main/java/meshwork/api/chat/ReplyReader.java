package meshwork.api.chat;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Takes a reply apart while the model speaks. Whatever the model says is read: what is not a call as it should be, is text. For
 * one thread.
 */
@ProviderType
public interface ReplyReader {

	/** Reads on; gives out what is certain, and keeps back what may turn out to be a mark. */
	List<ReplyPart> read(String more);

	/** Nothing more comes: gives out what was kept back, and completes a call that was cut off no further than JSON asks for. */
	List<ReplyPart> end();
}
