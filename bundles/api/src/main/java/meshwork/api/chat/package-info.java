/** Conversations, turning them into the prompt that a model was trained to expect, and understanding its reply. */
@Export
@Version("1.1.0")
package meshwork.api.chat;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
