/** Conversations, and turning them into the prompt that a model was trained to expect. */
@Export
@Version("1.0.0")
package meshwork.api.chat;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
