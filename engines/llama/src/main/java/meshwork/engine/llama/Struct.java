package meshwork.engine.llama;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a parameter or a result of a prototype that C passes by value: which {@link Release} layout it has. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.METHOD})
@interface Struct {

	/** The struct's name in C. */
	String value();
}
