/** A checked value has its own type: raw strings and bytes stop at the door. */

declare const brand: unique symbol
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }
