package io.election.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Annotation for a test class whose test decides who leads: its application takes part in
 * elections as ever, but over a backend and in a time that {@link TestElections} rules.
 * Works with whole applications and with slices such as {@code @WebMvcTest}, which start
 * no elections otherwise. Another candidate leads at first.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
public @interface AutoConfigureElection {

}
