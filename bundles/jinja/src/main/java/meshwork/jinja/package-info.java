/** The template language of chat templates: Jinja2 as Hugging Face transformers sets it up, in plain Java. */
@Export
@Version("1.0.0")
package meshwork.jinja;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
