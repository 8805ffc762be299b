/** The inside of another app can read what is typed, and no header of ours stops it. Such apps are known by the names they give themselves;
 *  one that hides its name is not recognised. */

const NAMES = /FBAN|FBAV|Instagram|LinkedInApp|TikTok|Twitter/

export const isInApp = (userAgent: string): boolean => NAMES.test(userAgent)
